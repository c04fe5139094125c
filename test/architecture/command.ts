import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repository } from './house.ts'

export interface Outcome {
  code: number
  /** What it printed on stdout. */
  out: string
  /** What it printed on both, in order of arrival. */
  all: string
}

/** The path of an installed program's JavaScript, to be run by the pinned Node. */
export const installed = (path: string): string => join(repository, 'node_modules', path)

/** Runs a program to its end and answers what it printed; never throws for a failing exit. */
export const run = (command: string, args: readonly string[], cwd: string): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let all = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      all += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, out, all }))
  })

/** Runs an installed program with the Node that runs us, which is the pinned one. */
export const runInstalled = (program: string, args: readonly string[], cwd: string): Promise<Outcome> =>
  run(process.execPath, [installed(program), ...args], cwd)
