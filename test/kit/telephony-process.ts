/** The API of telephony in a process of its own, to be killed: argv = database urls (JSON). Says when it is ready and where it is reached. */
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { startWith } from './subgraph.ts'

const { url } = await startTelephony(startWith(JSON.parse(process.argv[2] ?? ''), { worker: false }))
process.stdout.write(`ready ${url}\n`)
