/** Months as texts, `YYYY-MM`: those of the organisation's time zone. They sort as they follow each other. */

/** Whether a text is a month from the year 1000 on. */
export const isMonth = (text: string): boolean => /^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(text)

/** The month so many months later, or earlier when negative. */
export const monthAfter = (month: string, by = 1): string => {
  const n = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by
  return `${String(Math.floor(n / 12)).padStart(4, '0')}-${String((n % 12) + 1).padStart(2, '0')}`
}

/** The month's first day, as `YYYY-MM-DD`. */
export const firstDayOf = (month: string): string => `${month}-01`

/** The month's last day, as `YYYY-MM-DD`. */
export const lastDayOf = (month: string): string => dayAfter(firstDayOf(monthAfter(month)), -1)

/** The month a day belongs to. @param day as `YYYY-MM-DD` */
export const monthOf = (day: string): string => day.slice(0, 7)

/** The day so many days later, or earlier when negative. Days of the calendar, of whatever zone. */
export const dayAfter = (day: string, by = 1): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
