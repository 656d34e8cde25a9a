/** For workers that cannot load their tasks. */
throw new Error('this module is broken');
