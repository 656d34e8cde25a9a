export default {
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  testEnvironment: '<rootDir>/spec/environment.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['ts-jest', { useESM: true }] },
  // Most specs wait for processes: two at once leave no core idle.
  maxWorkers: 2,
  // A bound for what never comes, not a measure: these machines are shared.
  testTimeout: 30_000,
  moduleNameMapper: {
    // The library takes no timer from the globals, which is where jest puts fake ones.
    '^node:timers$': '<rootDir>/spec/fixtures/global-timers.cjs',
    // What the specs share is TypeScript; their fixtures and the library are JavaScript, as workers load them, and the bench.
    '^(\\.{1,2}/(?!faults/)(?:.*/)?(?:helpers|layers|pools|what-travels|fake-[a-z]+))\\.js$': '$1.ts',
  },
};
