import type {
  InventoryRecommendation,
  PriceRecommendation,
  Rfq,
  Supplier,
  SupplierAlert,
} from '#connectors/c3/index.ts'

/** A price proposed for the first line of a request. */
export const pricing = (
  rfq: Pick<Rfq, 'rfqId' | 'lines'>,
  key = `price ${rfq.rfqId}`,
): PriceRecommendation => ({
  key,
  kind: 'pricing',
  rfqId: rfq.rfqId,
  line: rfq.lines[0]!.line,
  partNumber: rfq.lines[0]!.partNumber,
  unitPrice: '13.2500',
  low: '12.1000',
  high: '14.0000',
  currency: 'USD',
  confidence: 0.62,
  reasoning: 'Quotes at 1.3 times cost were taken as often as not.',
})

/** A part proposed in place of the first line's. */
export const alternative = (rfq: Pick<Rfq, 'rfqId' | 'lines'>): PriceRecommendation => ({
  key: `instead ${rfq.rfqId}`,
  kind: 'alternative',
  rfqId: rfq.rfqId,
  line: rfq.lines[0]!.line,
  partNumber: rfq.lines[0]!.partNumber,
  alternativePartNumber: 'STM32F439ZIT6',
  alternativeManufacturer: 'STMicroelectronics',
  saving: '2.5000',
  currency: 'USD',
  confidence: 0.8,
  reasoning: 'The same package and more of it on the shelf.',
})

/** A warning about a supplier. */
export const alert = ({ supplierId }: Pick<Supplier, 'supplierId'>): SupplierAlert => ({
  key: `late ${supplierId}`,
  kind: 'LATE_SUPPLIER',
  severity: 'MEDIUM',
  partNumber: null,
  manufacturer: null,
  supplierId,
  message: 'Six of ten deliveries came late.',
  at: '2026-11-20T12:00:00.000Z',
})

/** When to order a part, and how much. */
export const stockAdvice: InventoryRecommendation = {
  key: 'stock STM32F429ZIT6',
  partNumber: 'STM32F429ZIT6',
  manufacturer: 'STMicroelectronics',
  location: null,
  reorderPoint: 420,
  orderQuantity: 900,
  serviceLevel: 0.95,
  confidence: 0.7,
  reasoning: 'Eleven a day, thirty-five days to come.',
}
