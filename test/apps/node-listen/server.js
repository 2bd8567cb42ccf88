// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
const { createWriteStream } = require('node:fs');
const { readFile } = require('node:fs/promises');
const { createServer } = require('node:http');

const log = createWriteStream('visits.log', { flags: 'a' });

createServer((request, response) => {
  log.write(`${new Date().toISOString()} ${request.url}\n`, () => {
    void readFile('visits.log', 'utf8').then((lines) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ visits: lines.split('\n').length - 1 }));
    });
  });
}).listen(5064, '127.0.0.1');
