export { Customer } from './Customer.ts'
export { Mutation } from './Mutation.ts'
export { Query } from './Query.ts'
export {
  BillingAccount,
  C3Account,
  Contact,
  Deal,
  HubSpotIntegration,
  Identity,
  Owner,
  Ticket,
} from './records.ts'
export { Subscription } from './Subscription.ts'
