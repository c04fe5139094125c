import { DEAL_STAGES, share } from '#connectors/demo/index.ts'
import type { AccountDetails, Owner, Pipeline, PipelineStage } from '../setup-wire.ts'

const SINCE = '2024-01-01T00:00:00.000Z'

const PEOPLE = [
  'Dana Whitlock',
  'Miguel Serrano',
  'Ruth Ekström',
  'Calvin Boateng',
  'Harriet Lowe',
  'Naveen Iyer',
  'Tessa Marchetti',
  'Oliver Brandt',
  'Keiko Morita',
  'Samira Haddad',
] as const

/** The portal's sales people. The last one has left. */
export const OWNERS: readonly Owner[] = PEOPLE.map((name, i) => {
  const [firstName = '', lastName = ''] = name.split(' ')
  const archived = i === PEOPLE.length - 1
  return {
    id: String(76_000_001 + i * 7),
    email: `${firstName}.${lastName}@tributary-sales.com`
      .toLowerCase()
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, ''),
    type: 'PERSON',
    firstName,
    lastName,
    userId: archived ? null : 5_500 + i,
    userIdIncludingInactive: 5_500 + i,
    createdAt: SINCE,
    updatedAt: SINCE,
    archived,
    teams: [{ id: String(900 + (i % 3)), name: ['East', 'West', 'Enterprise'][i % 3]!, primary: true }],
  }
})

/** The owner of the record at an index; some have none. */
export const ownerOf = (seed: number, kind: number, index: number): string | null => {
  const draw = share(seed, kind, index, 77)
  return draw < 0.06 ? null : OWNERS[Math.floor(((draw - 0.06) / 0.94) * (OWNERS.length - 1))]!.id
}

const DEAL_LABELS = [
  'Appointment scheduled',
  'Qualified to buy',
  'Presentation scheduled',
  'Decision maker bought-in',
  'Contract sent',
  'Closed won',
  'Closed lost',
] as const
const PROBABILITIES = ['0.2', '0.4', '0.6', '0.8', '0.9', '1.0', '0.0'] as const

/** Chance of winning by deal stage, as HubSpot writes it. */
export const PROBABILITY: Readonly<Record<string, string>> = Object.fromEntries(
  DEAL_STAGES.map((stage, i) => [stage, PROBABILITIES[i]!]),
)

const stage = (
  id: string,
  label: string,
  displayOrder: number,
  metadata: Record<string, string>,
): PipelineStage => ({
  id,
  label,
  displayOrder,
  metadata,
  createdAt: SINCE,
  updatedAt: SINCE,
  archived: false,
})

/** The pipelines of a fresh portal. */
export const PIPELINES: Readonly<Record<'deals' | 'tickets', readonly Pipeline[]>> = {
  deals: [
    {
      id: 'default',
      label: 'Sales pipeline',
      displayOrder: 0,
      stages: DEAL_STAGES.map((id, i) =>
        stage(id, DEAL_LABELS[i]!, i, {
          isClosed: String(id.startsWith('closed')),
          probability: PROBABILITIES[i]!,
        }),
      ),
      createdAt: SINCE,
      updatedAt: SINCE,
      archived: false,
    },
  ],
  tickets: [
    {
      id: '0',
      label: 'Support pipeline',
      displayOrder: 0,
      stages: ['New', 'Waiting on contact', 'Waiting on us', 'Closed'].map((label, i) =>
        stage(String(i + 1), label, i, { ticketState: i === 3 ? 'CLOSED' : 'OPEN' }),
      ),
      createdAt: SINCE,
      updatedAt: SINCE,
      archived: false,
    },
  ],
}

export const accountDetails = (portalId: number): AccountDetails => ({
  portalId,
  accountType: 'STANDARD',
  timeZone: 'US/Mountain',
  companyCurrency: 'USD',
  additionalCurrencies: [],
  utcOffset: '-07:00',
  utcOffsetMilliseconds: -25_200_000,
  uiDomain: 'app.hubspot.com',
  dataHostingLocation: 'na1',
})
