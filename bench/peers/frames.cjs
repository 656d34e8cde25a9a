/** Bytes: the length of what follows, and what it is. */
const HEADER = 8;

/** What stands before so many bytes. */
exports.headerOf = (length, what) => {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(what, 4);
  return header;
};

/** `onread` of a socket: reads what follows a header straight to where it stays, and hands it on. */
exports.readerOf = (deliver) => {
  const header = Buffer.alloc(HEADER);
  let payload;
  let at = 0;
  return {
    buffer: () => (payload ?? header).subarray(at),
    callback(count) {
      at += count;
      if (at < (payload ?? header).length) return true;
      at = 0;
      const whole = payload;
      payload = whole === undefined ? Buffer.allocUnsafeSlow(header.readUInt32LE(0)) : undefined;
      if (whole !== undefined) deliver(header.readUInt32LE(4), whole);
      return true;
    },
  };
};
