/** One part of the graph as a process of its own: `part.ts <name> <port> <log file>`. */
import { FileLog, type PartName, startPart } from '#test/kit/graph.ts'

const [name, port, file] = process.argv.slice(2)
const part = await startPart(name as PartName, { port: Number(port), log: new FileLog(file as string) })
process.send?.({ port: part.port })
