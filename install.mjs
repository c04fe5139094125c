/**
 * Installs what is missing before an npm script runs. Plain JavaScript, because on a fresh clone it runs under
 * whatever Node is on PATH (20 or newer) and with nothing installed.
 *
 * "Missing" is decided by content: npm leaves `node_modules/.package-lock.json` behind as the very last act of an
 * install, and every package the lock demands must be in it at the same version. An interrupted install leaves none.
 * Everything it says goes to stderr, so that `npm run -s token` prints a token and nothing else.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))

const say = (line) => process.stderr.write(`${line}\n`)

const stop = (line) => {
  say(line)
  process.exit(1)
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {}

/** Why an install is needed, as half a sentence; undefined when what is installed is what the lock says. */
const reason = () => {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(join(root, 'package-lock.json'))) return undefined
  if (!existsSync(installed)) return 'nothing is installed yet'
  if (!existsSync(join(root, 'node_modules', '.bin', 'node'))) return 'the pinned Node is missing'
  const have = packagesOf(installed)
  for (const [path, wanted] of Object.entries(packagesOf(join(root, 'package-lock.json')))) {
    // Optional packages of other platforms are in the lock and rightly absent here.
    const optional = wanted.optional || wanted.devOptional
    if (path === '' || (optional && !have[path])) continue
    if (have[path]?.version !== wanted.version) return `${path} is not at the version of the lock`
  }
  return undefined
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  stop(`Node ${process.versions.node} is too old: install Node 20 or newer, then run the command again.`)
}

const why = reason()
if (why) {
  say(`Installing packages (${why}) …`)
  const npm = process.env.npm_execpath
  const flags = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']
  const [command, args] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags]
  // npm's own stdout goes to our stderr; it must never reach a caller that reads a token or JSON.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) stop(`npm could not be started (${error.message}). Is npm on PATH?`)
  if (status !== 0)
    stop(`npm ci failed with code ${status}. Fix what it says above, then run the command again.`)
  const left = reason()
  if (left) {
    stop(
      `npm ci ended well, but ${left}. If your npm is set to ignore install scripts, allow them for this project.`,
    )
  }
}
