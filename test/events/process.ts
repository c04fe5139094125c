import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DatabaseUrls } from '#db/databases.ts'

/** What a child process of these tests does: see child.ts. */
export type Task =
  | { does: 'sequence'; urls: DatabaseUrls }
  | { does: 'publish'; urls: DatabaseUrls; nats: { url: string; prefix: string } }
  | {
      does: 'follow'
      urls: DatabaseUrls
      feed: string
      nats?: { url: string; prefix: string } | undefined
      batch?: number
      hangsAfter?: number
    }

/** A process of its own, that can be killed. */
export interface Child extends AsyncDisposable {
  /** Resolves when it has said the word. */
  said(word: string): Promise<void>
  /** Ends it as the kernel would: no handler runs. */
  kill(): Promise<void>
}

export const startChild = (task: Task): Child => {
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('./child.ts', import.meta.url)), JSON.stringify(task)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let heard = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk
  })
  const exited = once(child, 'exit')
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  return {
    said: async (word) => {
      while (!heard.includes(word)) {
        if (child.exitCode !== null || !child.stdout)
          throw new Error(`the child ended before it said ${word}: ${heard}`)
        await Promise.race([once(child.stdout, 'data'), exited])
      }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}
