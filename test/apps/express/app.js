// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
const { openSync, readFileSync, writeSync } = require('node:fs');
const express = require('express');

const log = openSync('visits.log', 'a');
const app = express();

app.get('/', (request, response) => {
  writeSync(log, `${new Date().toISOString()} ${request.path}\n`);
  response.json({ visits: readFileSync('visits.log', 'utf8').split('\n').length - 1 });
});

app.listen(5063);
