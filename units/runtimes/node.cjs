// Every Node of an application loads this when it boots cold. Node draws random bytes ahead for randomUUID(), for 128 of
// them, and for randomInt(), and those bytes would be in the snapshot: each restore would give the same ones out. Here
// they come when they are asked for.
'use strict';

const crypto = require('node:crypto');
const { syncBuiltinESMExports } = require('node:module');

const BYTES = 6;
const NUMBERS = 2 ** (8 * BYTES);

const { randomBytes, randomInt: drawInt, randomUUID: drawUUID } = crypto;

/** Every result is equally likely: a number beyond the last whole multiple of the range is drawn again. */
function freshInt(min, max) {
  const range = max - min;
  const limit = NUMBERS - (NUMBERS % range);
  let number;
  do number = randomBytes(BYTES).readUIntBE(0, BYTES);
  while (number >= limit);
  return min + (number % range);
}

crypto.randomUUID = function randomUUID(options) {
  return drawUUID(options === undefined ? { disableEntropyCache: true } : options);
};

crypto.randomInt = function randomInt(min, max, callback) {
  const hasBoth = max !== undefined && typeof max !== 'function';
  const done = hasBoth ? callback : max;
  // Node's own says what is wrong with the arguments; the number that it gives is not used.
  if (hasBoth) drawInt(min, max);
  else drawInt(min);
  if (done !== undefined && typeof done !== 'function')
    return hasBoth ? drawInt(min, max, done) : drawInt(min, done);
  const number = hasBoth ? freshInt(min, max) : freshInt(0, min);
  if (done === undefined) return number;
  process.nextTick(done, undefined, number);
};

if (crypto.webcrypto?.constructor?.prototype?.randomUUID !== undefined) {
  const prototype = crypto.webcrypto.constructor.prototype;
  const drawHere = prototype.randomUUID;
  prototype.randomUUID = function randomUUID() {
    // Says whether it was called on what it belongs to.
    drawHere.call(this);
    return crypto.randomUUID();
  };
}

syncBuiltinESMExports();
