import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { openPartners, type Resolve } from '#connectors/partner/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { MAKE, startBed, startPartner, trunk } from './bed.ts'

/** Something inside that nobody outside may reach; it counts who knocks. */
const startInside = async () => {
  const inside = { knocks: 0, port: 0 }
  const server = createServer((socket) => {
    inside.knocks++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  inside.port = (server.address() as { port: number }).port
  return Object.assign(inside, {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  })
}

const leadsTo =
  (...addresses: string[]): Resolve =>
  (_, __, done) => {
    const address = addresses.length > 1 ? addresses.shift()! : addresses[0]!
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  }

const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']
const at = systemClock.now()
const codeOf = (posting: Promise<unknown>): Promise<string> =>
  posting.then(
    () => 'TAKEN',
    (error: { code: string }) => error.code,
  )

it('fault 68: an address inside is not called, however it is written and whatever leads to it', async () => {
  await using inside = await startInside()
  const hosts = [
    ...[
      '169.254.169.254',
      '[::ffff:a9fe:a9fe]',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
      '169.254.43518',
    ],
    ...[
      '127.0.0.1',
      '127.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
      '10.0.0.1',
      '192.168.1.1',
      '[fd00::1]',
      '[fe80::1]',
    ],
    ...['localhost', '[64:ff9b::a9fe:a9fe]', '100.64.0.1'],
  ]
  const partners = openPartners()
  for (const host of hosts) {
    const url = `https://${host}:${inside.port}/`
    expect([host, await codeOf(partners.post({ url, secrets }, { id: 'a', body: '{}' }, { at }))]).toEqual([
      host,
      'HUB_VENDOR_ADDRESS_INSIDE',
    ])
    expect([host, partners.mayBe(url)]).toEqual([host, false])
  }
  for (const address of ['169.254.169.254', '127.0.0.1', '::ffff:a9fe:a9fe', '::1', '10.1.2.3']) {
    const named = openPartners({ resolve: leadsTo(address) })
    const url = `https://partner.example:${inside.port}/`
    expect([address, await codeOf(named.post({ url, secrets }, { id: 'a', body: '{}' }, { at }))]).toEqual([
      address,
      'HUB_VENDOR_ADDRESS_INSIDE',
    ])
  }
  expect(inside.knocks).toBe(0)
})

it('fault 68: a name that leads outside when it is looked at and inside when it is called reaches nobody inside', async () => {
  await using inside = await startInside()
  // The first answer is of a network that is for documents alone: nobody is there.
  const partners = { resolve: leadsTo('192.0.2.1', '127.0.0.1'), deadlineMs: 200 }
  await using bed = await startBed({ partners })
  const refused = await bed.query(MAKE, {
    input: { name: 'P', url: `https://[::ffff:a9fe:a9fe]/`, events: ['TRUNK_CHANGED'] },
  })
  expect(refused.made.field).toBe('url')
  const { id } = await bed.make(`https://rebinding.example:${inside.port}/`)
  await bed.sibling.tell([trunk('t-1')])
  const tries = async () => (await bed.deliveries(id))[0]?.tries ?? []
  await bed.passing(60_000, async () => (await tries()).length >= 2)
  const [second, first] = (await tries()).slice(-2)
  expect(first).toMatchObject({ status: null, error: 'HUB_VENDOR_UNAVAILABLE' })
  expect(second).toMatchObject({ status: null, error: 'HUB_VENDOR_ADDRESS_INSIDE' })
  expect(inside.knocks).toBe(0)
})

it('fault 68: a redirect is not followed', async () => {
  await using elsewhere = await startPartner()
  await using partner = await startPartner(() => ({ status: 302, headers: { location: elsewhere.url } }))
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.sibling.tell([trunk('t-1')])
  await until(async () => (await bed.deliveries(id))[0]?.tries.length === 1)
  expect((await bed.deliveries(id))[0]).toMatchObject({
    state: 'WAITING',
    tries: [{ status: 302, error: null }],
  })
  expect(elsewhere.taken).toEqual([])
})
