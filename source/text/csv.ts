/**
 * Rows as CSV (RFC 4180): a field with a comma, a quote or a line end stands in quotes. Null is an empty field, an empty
 * text an empty pair of quotes, as PostgreSQL's COPY distinguishes the two. Values stand as they are, also those that a
 * spreadsheet takes for formulas.
 */
export const csvLines = (rows: readonly (readonly (string | null)[])[]): string[] =>
  rows.map((row) => row.map(csvField).join(','));

/** The same for spreadsheets: a value that one would take for a formula begins with an apostrophe. */
export const safeCsvLines = (rows: readonly (readonly (string | null)[])[]): string[] =>
  csvLines(rows.map((row) => row.map((value) => (value !== null && isFormula(value) ? `'${value}` : value))));

/** What spreadsheets begin formulas with, in full width too, and what they pass over before it. Numbers have a sign. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const isFormula = (value: string): boolean => FORMULA.test(value) && !NUMBER.test(value);

const csvField = (value: string | null): string => {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};
