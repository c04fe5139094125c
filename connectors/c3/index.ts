/** The C3 connector: what the inventory subgraph reads and writes the quoting system with. It knows C3's words and none of ours. */
export { type Circuit, openCircuit } from '../circuit.ts'
export { CredentialRejected, ScopeMissing, VendorRefused, vendorAnswer } from '../contract.ts'
export { isOutside } from '../outside.ts'
export { type Reach, type Resolve, reachOnly } from '../reach.ts'
export { type C3, C3_LIMITS, type C3ListOptions, type C3Options, openC3 } from './client.ts'
export {
  type Claim,
  isSignedBy,
  type ReadDelivery,
  readClaim,
  readDelivery,
  type SignatureFault,
  signDelivery,
} from './delivery.ts'
export {
  type Account,
  type ChangeEvent,
  type Customer,
  type Delivery,
  ID_FIELDS,
  type InventoryRecommendation,
  type Kind,
  type Kinds,
  type PriceRecommendation,
  type Rfq,
  type RfqLine,
  type RfqStatus,
  type RfqUpdate,
  type StockRow,
  type Supplier,
  type SupplierAlert,
  type Transaction,
  type Write,
  type WriteResult,
  type Writes,
} from './wire.ts'
