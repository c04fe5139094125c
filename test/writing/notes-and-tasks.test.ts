import { expect, it } from 'vitest'
import { rowsOf } from '../customers/rows.ts'
import { SECRET_WORDS, SECRETS } from '../privacy/canaries.ts'
import { writingBed } from './bed.ts'

const REFUSED = '... on Invalid { field message } ... on Refusal { code message }'
const NOTE = /* GraphQL */ `
  mutation ($input: NoteInput!) { createNote(input: $input) { __typename ... on NoteWritten { note { id } } ${REFUSED} } }`
const NOTE_AGAIN = /* GraphQL */ `
  mutation ($id: ID!, $input: NoteInput!) {
    updateNote(id: $id, input: $input) { __typename ... on NoteWritten { note { id } } ${REFUSED} } }`
const TASK = /* GraphQL */ `
  mutation ($input: TaskInput!) { createTask(input: $input) { __typename ... on TaskWritten { task { id } } ${REFUSED} } }`

const STAYS = 'whatstaysofthetext'
const SAID = `${STAYS}: ${Object.values(SECRETS).join(' and ')}`

it('fault 71: notes and tasks that people write here reach HubSpot without the cards, keys and tokens in them', async () => {
  await using bed = await writingBed()
  const { customers } = await bed.ask('{ customers(first: 1) { nodes { id } } }')
  const customerId = customers.nodes[0].id
  const dueAt = '2026-12-01T09:00:00.000Z'
  const { note } = await bed.write(NOTE, { input: { body: SAID, customerId } })
  const task = await bed.write(TASK, { input: { subject: SAID, body: SAID, dueAt, customerId } })
  expect([note, task]).toMatchObject([{ id: expect.anything() }, { __typename: 'TaskWritten' }])
  await bed.pushed()
  await bed.write(NOTE_AGAIN, { id: note.id, input: { body: `${SAID} again` } })
  await bed.pushed()

  const there = {
    notes: (await bed.records('notes')).filter(({ properties }) => properties.hs_note_body?.includes(STAYS)),
    tasks: (await bed.records('tasks')).filter(({ properties }) =>
      properties.hs_task_subject?.includes(STAYS),
    ),
  }
  expect(there.notes.map(({ properties }) => properties.hs_note_body)).toEqual([
    expect.stringMatching(/\[card number\] and \[card number\] and \[key\] and \[key\] and \[key\] again/),
  ])
  expect(there.tasks.map(({ properties }) => properties)).toEqual([
    expect.objectContaining({
      hs_task_subject: expect.stringContaining('[card number]'),
      hs_task_body: expect.stringContaining('[key]'),
    }),
  ])
  // Neither side differs for what was cut out, and no store of ours has it.
  const held = [...(await rowsOf(bed, 'notes')).values(), ...(await rowsOf(bed, 'tasks')).values()]
  const ours = held.filter((row) => JSON.stringify(row).includes(STAYS))
  expect(ours).toHaveLength(2)
  const said = JSON.stringify([there, ours])
  expect(SECRET_WORDS.filter((word) => said.includes(word))).toEqual([])
})
