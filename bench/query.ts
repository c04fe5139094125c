import type { Report } from './report.ts'
export const benchQuery = async (_args: string[]): Promise<Report> => {
  throw new Error('x')
}
