import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Basis, holds } from '#gateway/kept/basis.ts'
import { TouchedPart } from '#gateway/kept/part.ts'
import { KeptTexts } from '#gateway/kept/store.ts'

const A = 'organisation-a'
const FOR_EVER = Number.POSITIVE_INFINITY

let now: number
let part: TouchedPart
beforeEach(() => {
  now = 0
  part = new TouchedPart(() => now)
  part.begin(['hub.keys', 'hub.members'])
  part.told()
})

/** What an answer rests on that was made from these tables. */
const made = (tables: string[], more: { holdsMs?: number; count?: number } = {}) => {
  const basis = new Basis()
  basis.add(part, A, { tables, holdsMs: FOR_EVER, count: part.count, ...more })
  return basis.rests()
}

describe('an answer holds', () => {
  it('as long as none of the tables that it was made from is touched in its organisation', () => {
    const rests = made(['hub.keys'])!
    part.touch(A, 'hub.members')
    part.touch('organisation-b', 'hub.keys')
    expect(holds(rests)).toBe(true)
    part.touch(A, 'hub.keys')
    expect(holds(rests)).toBe(false)
  })

  it('no longer than until a table is touched by whoever writes for all organisations', () => {
    const rests = made(['hub.keys'])!
    part.touch('*', 'hub.keys')
    expect(holds(rests)).toBe(false)
  })

  it('no longer than until its organisation is changed by way of this gateway, wherever that may be', () => {
    const rests = made(['hub.keys'])!
    part.touch(A)
    expect(holds(rests)).toBe(false)
  })

  it('no longer than it is said to, where it hangs on the time', () => {
    const rests = made(['hub.keys'], { holdsMs: 200 })!
    expect(holds(rests, performance.now() + 150)).toBe(true)
    expect(holds(rests, performance.now() + 250)).toBe(false)
  })

  it('only while its part says that everything was told', () => {
    const rests = made(['hub.keys'])!
    now = 201
    expect(holds(rests)).toBe(false)
    part.told()
    expect(holds(rests)).toBe(true)
  })

  it('no more once something may have been missed, though the part is heard again', () => {
    const rests = made(['hub.keys'])!
    part.lost()
    part.begin(['hub.keys'])
    part.told()
    expect(holds(rests)).toBe(false)
  })
})

describe('an answer is not kept', () => {
  it('that was made from a table that does not tell', () => {
    expect(made(['hub.keys', 'events.recorded'])).toBeUndefined()
  })

  it('of which a part cannot say what it was made from', () => {
    const basis = new Basis()
    basis.add(part, A, { tables: ['hub.keys'], holdsMs: FOR_EVER, count: part.count })
    basis.add(part, A, undefined)
    expect(basis.rests()).toBeUndefined()
  })

  it('when a table of it was touched after its part had been asked', () => {
    const { count } = part
    part.touch(A, 'hub.keys')
    expect(made(['hub.keys'], { count })).toBeUndefined()
  })

  it('when a table of it was touched between two questions that it was made from', () => {
    const basis = new Basis()
    const ask = () => basis.add(part, A, { tables: ['hub.keys'], holdsMs: FOR_EVER, count: part.count })
    ask()
    part.touch(A, 'hub.keys')
    ask()
    expect(basis.rests()).toBeUndefined()
  })
})

describe('what is kept', () => {
  let texts: KeptTexts
  beforeEach(() => {
    texts = new KeptTexts(1)
  })
  afterEach(() => texts[Symbol.asyncDispose]())

  it('takes no more memory than it may: the least lately asked for goes first', () => {
    const rests = made(['hub.keys'])!
    for (let i = 0; i < 100; i++) texts.keep(`k${i}`, 'x'.repeat(10_000), rests)
    expect(texts.bytes).toBeLessThanOrEqual(1024 * 1024)
    expect(texts.find('k99')).toBeDefined()
    expect(texts.find('k0')).toBeUndefined()
  })

  it('is let go of when it holds no more, though nobody asks for it again', () => {
    texts.keep('k', 'tells of somebody', made(['hub.keys'])!)
    texts.sweep()
    expect(texts.bytes).toBeGreaterThan(0)
    part.touch(A, 'hub.keys')
    texts.sweep()
    expect(texts.bytes).toBe(0)
  })
})
