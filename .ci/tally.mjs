/**
 * Prints `N passed, N failed` from the JSON report of a vitest run, and fails when anything failed or no test ran.
 * Plain JavaScript, so that it can say "nothing ran" even when nothing could be installed.
 */
import { existsSync, readFileSync } from 'node:fs'

const path = process.argv[2]
const tally = () => {
  if (!path || !existsSync(path)) {
    console.log('The test run left no report: it did not get as far as running a test.')
    return { passed: 0, failed: 0, sound: false }
  }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  // A file that breaks before its first test has no failed test to be counted: the file counts as one.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  for (const file of broken) console.log(`${file.name} failed outside of its tests: ${file.message ?? ''}`)
  const failed = report.numFailedTests + broken.length
  if (failed === 0 && !report.success)
    console.log('Every test passed, but the run reported an error outside of them.')
  return { passed: report.numPassedTests, failed, sound: report.success === true }
}

const { passed, failed, sound } = tally()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = sound && failed === 0 && passed > 0 ? 0 : 1
