const { writeSync } = require('node:fs');
const { Socket } = require('node:net');
const { deserialize, serialize } = require('node:v8');
const { headerOf, readerOf } = require('./frames.cjs');
const tasks = require('./tasks.cjs');

/** What to do with what has come, by its number. */
const ways = [
  // A buffer goes back as it is.
  (bytes) => bytes,
  // Numbers are squared where they lie.
  ({ buffer }) => {
    const doubles = new Float64Array(buffer);
    for (let i = 0; i < doubles.length; i++) doubles[i] = tasks.square(doubles[i]);
    return new Uint8Array(buffer);
  },
  (bytes) => serialize(deserialize(bytes).map(tasks.shout)),
  (bytes) => serialize(deserialize(bytes).map(tasks.older)),
];

const [down, up] = [4, 5];
const write = (bytes) => {
  for (let at = 0; at < bytes.length;) at += writeSync(up, bytes, at, bytes.length - at);
};
const onread = readerOf((way, bytes) => {
  const answer = ways[way](bytes);
  write(headerOf(answer.length, way));
  write(answer);
});
new Socket({ fd: down, readable: true, writable: false, onread }).on('error', () => process.exit());
process.on('disconnect', () => process.exit());
