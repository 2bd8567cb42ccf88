// Tells what each of Node's generators gives at this moment. It is told of restores as
// grenadine-recipes(7) shows.
'use strict';
const crypto = require('node:crypto');
const http = require('node:http');
const tls = require('node:tls');
const { reseed } = require('./reseed.js');

const FIRST_PASSED_FD = 3;
const secure = tls.createServer();
if (process.env.GRENADINE_SEED) process.on('SIGUSR2', () => reseed(secure));

async function draw() {
  const { subtle } = crypto.webcrypto;
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  return {
    'crypto.randomBytes': crypto.randomBytes(16).toString('hex'),
    'crypto.randomUUID': crypto.randomUUID(),
    'crypto.randomInt': String(crypto.randomInt(2 ** 47)),
    'crypto.generateKeySync': crypto.generateKeySync('hmac', { length: 256 }).export().toString('hex'),
    'WebCrypto getRandomValues': Buffer.from(crypto.webcrypto.getRandomValues(new Uint8Array(16))).toString(
      'hex',
    ),
    'WebCrypto randomUUID': crypto.webcrypto.randomUUID(),
    'WebCrypto generateKey': Buffer.from(await subtle.exportKey('raw', key)).toString('hex'),
    'Math.random': String(Math.random()),
    'keys of TLS tickets': secure.getTicketKeys().toString('hex'),
  };
}

http
  .createServer(async (request, response) => {
    response.setHeader('Connection', 'close');
    response.end(JSON.stringify(await draw()));
  })
  .listen({ fd: FIRST_PASSED_FD });
