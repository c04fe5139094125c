import { once } from 'node:events'
import { startServer } from '#db/server.ts'
import { openLog } from '#kernel/log.ts'

// A process of its own that uses the server of a home until its standard input ends: `node hold-server.ts '{"home": …}'`.
const options = JSON.parse(process.argv[2] ?? '{}')
try {
  await using server = await startServer({ ...options, log: openLog('hold', 'silent') })
  process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
  process.stdin.resume()
  await once(process.stdin, 'end')
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  )
  process.exitCode = 1
}
