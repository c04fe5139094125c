import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadManifest } from '#operations/manifest.ts'
import { loadShapes, shapeNames } from '#operations/shape.ts'

const FOLDER = join(import.meta.dirname, '../../operations/shapes')
const golden = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''))

it('shows for each shape what comes in and goes out, and keeps no shape that no route has', async () => {
  const shapes = await loadShapes(loadManifest())
  expect([...shapes.keys()].sort()).toEqual(shapeNames().sort())
  expect(golden.sort()).toEqual(shapeNames().sort())
})

it.each(golden)(
  '%s turns what was documented into variables, and the result into what was documented',
  async (name) => {
    const shape = (await loadShapes(loadManifest())).get(name)!
    const { sent, variables, result, body } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
    expect(shape.toVariables(shape.sent.parse(sent))).toEqual(variables)
    expect(shape.toBody(result, variables)).toEqual(body)
    expect(shape.body.parse(body)).toEqual(body)
  },
)
