/** The least that a child can do: be there, and say so. It leaves with its channel. */
process.send('hello');
process.on('message', () => {});
