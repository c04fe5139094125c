import { holds } from '#kernel/principal.ts'
import type { CustomerAction, CustomerResolvers } from '#schema/generated/customers.types.ts'
import { scopesOfMutation } from '#service/access.ts'
import { actionsFor, mutationOf } from '../domain/allowed-actions.ts'

/** In the order of the schema; the type has every one of them. */
const ALL = Object.keys({
  UPDATE_COMPANY: 0,
  DELETE_COMPANY: 0,
  CREATE_CONTACT: 0,
  CREATE_DEAL: 0,
  CREATE_TICKET: 0,
  CREATE_TASK: 0,
  CREATE_NOTE: 0,
  LINK_IDENTITY: 0,
  UNLINK_IDENTITY: 0,
  SPLIT_CUSTOMER: 0,
  PIN_CUSTOMER_FIELD: 0,
  START_ONBOARDING: 0,
  ENRICH_CUSTOMER: 0,
} satisfies Record<CustomerAction, 0>) as CustomerAction[]

/** What mutations ask for, whichever subgraph has them: one that is not there could never be refused rightly. */
const DEMANDS = new Map(
  ALL.map((action) => {
    const mutation = mutationOf(action)
    const found = scopesOfMutation(mutation)
    if (found.length === 0) throw new Error(`${action} is of no mutation that asks for a scope`)
    return [mutation, found] as const
  }),
)

/** Without a statement: the scopes are the caller's, and how it stands is in the customer's own row. */
export const allowedActions: NonNullable<CustomerResolvers['allowedActions']> = (
  customer,
  _,
  { principal },
) =>
  // Who may see some customers only changes none.
  actionsFor(ALL, customer, (mutation) => !principal.rows && holds(principal, DEMANDS.get(mutation) ?? []))
