/** Where a route's bodies differ from the graph: an earlier product's words on the outside, the operation's inside. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Manifest } from './manifest.ts'

/** A pure pair. It lies in `operations/shapes/<Name>.ts` as `shape`. */
export interface Shape {
  /** What a caller sends: body, query string and path in one object; texts where it came with the address. */
  sent: z.ZodType
  /** @param sent as `sent` reads it */
  toVariables(sent: unknown): Record<string, unknown>
  /** What the route answers. */
  body: z.ZodType
  /**
   * @param result what the operation answers, as the route would send it without a shape
   * @param variables what it was asked with
   */
  toBody(result: unknown, variables: Record<string, unknown>): unknown
}

/** Names a shape, with what it takes and answers checked by the compiler. */
export const shapeOf = <Sent, Body, Variables extends Record<string, unknown>>(pair: {
  sent: z.ZodType<Sent>
  toVariables(sent: Sent): Variables
  body: z.ZodType<Body>
  // biome-ignore lint/suspicious/noExplicitAny: the operation's document says what it is, and the golden file shows it
  toBody(result: any, variables: Variables): Body
}): Shape => ({
  ...pair,
  toVariables: (sent) => pair.toVariables(sent as Sent),
  toBody: (result, variables) => pair.toBody(result, variables as Variables),
})

/** The recorded example of a shape: what is sent, and what it is answered. */
export const goldenOf = (name: string): { sent: Record<string, unknown>; body: unknown } =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))

const FOLDER = join(import.meta.dirname, 'shapes')

/** The names of all shapes there are. */
export const shapeNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))

/** The shapes that a catalogue's routes name. */
export const loadShapes = async (manifest: Manifest): Promise<ReadonlyMap<string, Shape>> => {
  const routes = manifest.operations.flatMap((operation) => operation.routes)
  const names = new Set(routes.flatMap((route) => route.shape ?? []))
  return new Map(
    await Promise.all(
      [...names].map(async (name) => {
        const file = (await import(`./shapes/${name}.ts`)) as { shape: Shape }
        return [name, file.shape] as const
      }),
    ),
  )
}
