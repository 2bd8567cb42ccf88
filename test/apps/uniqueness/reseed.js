// The recipe of grenadine-recipes(7): Seed=SIGUSR2. Math.random() of the kernel's numbers, drawn 512 ahead.
'use strict';
const { randomBytes, webcrypto } = require('node:crypto');

const ahead = new Uint32Array(1024);
let used = ahead.length;

function random() {
  if (used === ahead.length) {
    webcrypto.getRandomValues(ahead);
    used = 0;
  }
  used += 2;
  return (ahead[used - 2] * 2 ** 21 + (ahead[used - 1] >>> 11)) / 2 ** 53;
}

function reseed(secureServer) {
  used = ahead.length;
  secureServer.setTicketKeys(randomBytes(48));
}

if (process.env.GRENADINE_SEED) Math.random = random;
module.exports = { reseed };
