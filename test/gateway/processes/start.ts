import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Started extends AsyncDisposable {
  port: number
  url: string
  /** Ends it at once, as a crash does: nothing is said to anybody. */
  kill(): Promise<void>
}

/** Starts a process of this folder and waits until it answers. */
export const startProcess = async (file: string, ...args: string[]): Promise<Started> => {
  const child: ChildProcess = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const [message] = await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(`${file} ended before it answered`)
    }),
  ])
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const { port } = message as { port: number }
  return { port, url: `http://127.0.0.1:${port}`, kill, [Symbol.asyncDispose]: kill }
}
