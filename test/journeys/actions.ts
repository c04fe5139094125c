/** What callers are told that they may do with a customer, beside what is answered when they are about to do it. */
import { mutationOf } from '#subgraphs/customers/domain/allowed-actions.ts'
import type { WholeHub } from '../kit/whole-hub.ts'
import type { Holder } from './roles.ts'

/** What each mutation is asked with, beside the customer. */
const WITH: Readonly<Record<string, (id: string, account: string) => string>> = {
  UPDATE_COMPANY: (id) => `customerId: "${id}", input: { city: "Here" }`,
  DELETE_COMPANY: (id) => `customerId: "${id}"`,
  CREATE_CONTACT: (id) => `input: { customerId: "${id}", email: "somebody@actions.example" }`,
  CREATE_DEAL: (id) => `input: { customerId: "${id}", name: "Deal" }`,
  CREATE_TICKET: (id) => `input: { customerId: "${id}", subject: "Ticket" }`,
  CREATE_TASK: (id) => `input: { customerId: "${id}", subject: "Task" }`,
  CREATE_NOTE: (id) => `input: { customerId: "${id}", body: "Note" }`,
  LINK_IDENTITY: (id) =>
    `customerId: "${id}", account: { system: WARP, accountId: "PROBE-1" }, expectedVersion: 1`,
  UNLINK_IDENTITY: (id, account) => `customerId: "${id}", account: ${account}, expectedVersion: 1`,
  SPLIT_CUSTOMER: (id, account) => `customerId: "${id}", accounts: [${account}], expectedVersion: 1`,
  PIN_CUSTOMER_FIELD: (id) => `customerId: "${id}", field: CITY, value: "Here"`,
  START_ONBOARDING: (id) => `customerId: "${id}"`,
  ENRICH_CUSTOMER: (id) => `customerId: "${id}"`,
}

/** What each action of a customer is answered when it is planned: whether it is refused for who asks or for how the customer stands. */
export const triedActions = async (hub: WholeHub, { token }: Holder, id: string): Promise<string[]> => {
  const own = 'query ($id: ID!) { customer(id: $id) { identities { system accountId } } }'
  const [first] = (await hub.ask(own, { id })).data.customer.identities
  const account = `{ system: ${first.system}, accountId: "${first.accountId}" }`
  const done: string[] = []
  for (const [action, args] of Object.entries(WITH)) {
    const document = `mutation { answer: ${mutationOf(action)}(${args(id, account)}) { __typename } }`
    const { data, errors } = await hub.ask(document, {}, { token, headers: { 'x-hub-plan': 'true' } })
    const isForbidden = errors?.some(({ extensions }) => extensions?.code === 'FORBIDDEN')
    if (!isForbidden && data?.answer?.__typename !== 'Missing') done.push(action)
  }
  return done
}

/** What the customer says of itself. Null where the caller sees no customer. */
export const toldActions = async (hub: WholeHub, { token }: Holder, id: string): Promise<string[] | null> => {
  const document = 'query ($id: ID!) { customer(id: $id) { allowedActions } }'
  return (await hub.ask(document, { id }, { token })).data?.customer?.allowedActions ?? null
}
