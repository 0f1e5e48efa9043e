/**
 * Rows as CSV (RFC 4180): a field with a comma, a quote or a line end stands in quotes. Null is an empty field, an empty
 * text an empty pair of quotes, as PostgreSQL's COPY tells the two apart.
 */
export const csvLines = (rows: readonly (readonly (string | null)[])[]): string[] =>
  rows.map((row) => row.map(csvField).join(','));

const csvField = (value: string | null): string => {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};
