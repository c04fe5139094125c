import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { openVault } from '#kernel/vault.ts'
import { event } from '#schema/events.ts'
import { markPerson } from '#schema/person-marks.ts'
import { sealTurn } from '#subgraphs/hub/domain/conversation.ts'
import { TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { DEMO, EMPTY, startSibling, startTestHub, type TestHub } from './hub.ts'

const vault = openVault([TEST_KEY])
const JANE = { emails: ['jane.doe@mail.example'], phones: ['15558675309'], names: ['Jane van Doe'] }
const JANES_ID = '0197c8a4-3f00-8a11-9c00-0000000c0002'
const erased = (orgId: string, known = JANE, keys = vault) =>
  event('customers.person.erased', 'erasure', {
    erasureId: 'erasure',
    contactIds: [JANES_ID],
    marks: markPerson(keys, orgId, known),
  })

/** Keeps a conversation in which each of these was said. */
const converse = (hub: TestHub, orgId: string, said: readonly (string | { variables: object })[]) =>
  hub.db.database.transaction(orgId, async (tx) => {
    const id = newId(systemClock)
    const at = systemClock.now()
    const turns = said.map((words, n) => {
      const turn = {
        ...{ said: '', kind: 'ANSWER' as const, sentence: '', operation: null, variables: {}, subjects: [] },
        ...{ isAsked: false, choices: [] },
        ...(typeof words === 'string' ? { said: words } : words),
      }
      const sealed = sealTurn(vault, orgId, id, n + 1, turn as Parameters<typeof sealTurn>[4])
      return { org_id: orgId, conversation_id: id, number: n + 1, at, sealed }
    })
    await tx
      .insertInto('hub.conversations')
      .values({
        ...{ org_id: orgId, id, owner_kind: 'user', owner_id: 'user:1', started_at: at, last_used_at: at },
        turns: turns.length,
      })
      .execute()
    await tx.insertInto('hub.conversation_turns').values(turns).execute()
    return async () => {
      const left = await hub.db.database.read(orgId, (read) =>
        read
          .selectFrom('hub.conversation_turns')
          .select('number')
          .where('conversation_id', '=', id)
          .orderBy('number')
          .execute(),
      )
      return left.map(({ number }) => said[number - 1])
    }
  })

const OF_JANE = [
  'who is JANE.DOE@mail.example?',
  'call 555 867 5309 back',
  'call +1 (555) 867-5309 back',
  'Doe, Jane (van), what does she want',
  { variables: { contact: { id: JANES_ID } } },
]
const OF_OTHERS = [
  'who is jane@mail.example?',
  'call 555 867 5310 back',
  'what does Jane Smith want',
  'deals over 5,558,675 in 2026',
  { variables: { id: '0197c8a4-3f00-8a11-9c00-0000000c0003' } },
]

it('forgets what was said of an erased person, however it names the person, and nothing else that was said', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const mixed = await converse(hub, DEMO, [...OF_JANE, ...OF_OTHERS])
  const long = await converse(
    hub,
    DEMO,
    Array.from({ length: 600 }, (_, n) => (n % 100 === 99 ? 'Jane van Doe' : `trunk ${n}`)),
  )
  const elsewhere = await converse(hub, EMPTY, OF_JANE)
  await sibling.tell([erased(DEMO)])
  await until(async () => (await mixed()).length === OF_OTHERS.length)
  expect(await mixed()).toEqual(OF_OTHERS)
  expect(await long()).toHaveLength(594)
  // Another organisation knows her too, and was not asked.
  expect(await elsewhere()).toEqual(OF_JANE)
})

it('finds what was said while the key is replaced, whichever of two keys the sibling has first', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const left = await converse(hub, DEMO, OF_JANE)
  await sibling.tell([erased(DEMO, JANE, openVault(['b'.repeat(64), TEST_KEY]))])
  await until(async () => (await left()).length === 0)
})

it('forgets kept answers when a person is erased, and that they were given it does not', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const kept = (orgId: string) => ({
    ...{ org_id: orgId, who_kind: 'user', who_id: 'user:1', key_hash: 'k', asked: 'a', state: 'DONE' },
    ...{ id: newId(systemClock), attempt: newId(systemClock), answer: 'sealed by its caller' },
    ...{ leased_until: systemClock.now(), expires_at: new Date(systemClock.now().getTime() + 86_400_000) },
  })
  const write = (orgId: string) =>
    hub.db.database.transaction(orgId, (tx) =>
      tx.insertInto('hub.keyed_requests').values(kept(orgId)).execute(),
    )
  const rows = (orgId: string) =>
    hub.db.database.read(orgId, (tx) =>
      tx.selectFrom('hub.keyed_requests').select(['state', 'answer']).execute(),
    )
  await write(DEMO)
  await write(EMPTY)
  await sibling.tell([erased(DEMO)])
  await until(async () => (await rows(DEMO))[0]?.answer === null)
  expect(await rows(DEMO)).toEqual([{ state: 'DONE', answer: null }])
  expect(await rows(EMPTY)).toEqual([{ state: 'DONE', answer: 'sealed by its caller' }])
})
