export { Customer } from './Customer.ts'
export { Query } from './Query.ts'
export { Subscription } from './Subscription.ts'
