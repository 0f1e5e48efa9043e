/** What a table can be sorted by: for each field, what is compared; rows without it come last in either order. */
export type SortKeys<Field extends string, Row> = Readonly<Record<Field, (row: Row) => string | number | null>>;

/** Rows in the order of `--sort FIELD` (ascending) or `--sort -FIELD`; as they are where it is not given. Stable. */
export function sorted<Field extends string, Row>(
  rows: readonly Row[],
  by: string | undefined,
  keys: SortKeys<Field, Row>,
): readonly Row[] {
  if (by === undefined) return rows;
  const key = keys[by.replace(/^-/, '') as Field];
  const sign = by.startsWith('-') ? -1 : 1;
  return rows
    .map((row) => ({ row, value: key(row) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return a < b ? -sign : a > b ? sign : 0;
    })
    .map(({ row }) => row);
}

/** Ids have up to 19 digits: as numbers they would lose the last ones. */
export const idKey = (id: string): string => id.padStart(19, '0');
