// Prints `N passed, N failed` from Jest's report and the checks beside it; exits with 1 unless all of it passed.
import { readFileSync } from 'node:fs';

const [path, status, checksPassed, checksFailed] = process.argv.slice(2);
const report = read(path);

const passed = report.numPassedTests + Number(checksPassed);
const failures = report.numFailedTests + report.numRuntimeErrorTestSuites;
// Jest may end without a report, or end badly with one in which all is well: a leaked handle, a broken set-up.
const unexplained = failures === 0 && (Number(status) !== 0 || report.numPassedTests === 0) ? 1 : 0;
const failed = failures + unexplained + Number(checksFailed);
const skipped = report.numPendingTests + report.numTodoTests;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`There is no report of the tests: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}
