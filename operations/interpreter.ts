import { type Interpreter, openInterpreter } from '#chat/interpret.ts'
import { ENGLISH } from '#chat/language/english.ts'
import { loadIntents } from './intents.ts'

let interpreter: Interpreter | undefined

/** What understands sentences about the operations of the catalogue. Made once in a process: every sentence needs the same, and it takes a while. */
export const catalogueInterpreter = (): Interpreter => {
  interpreter ??= openInterpreter(loadIntents(), ENGLISH)
  return interpreter
}
