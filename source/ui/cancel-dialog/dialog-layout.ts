/** Reason, its hint, cascade and its outcome, count, button. */
export const FIELD_LINES = 6;
/** The headline, and the rule between the list and the details. */
const HEADLINE_AND_RULE = 2;
/** From so many lines on there is room for a third line of details. */
const ROOMY = 19;

/** How the dialog shares out the lines between the frame's title and its footer. */
export function dialogLayout(bodyRows: number): { listHeight: number; detailHeight: number } {
  const detailHeight = bodyRows < ROOMY ? 2 : 3;
  return { detailHeight, listHeight: Math.max(1, bodyRows - FIELD_LINES - HEADLINE_AND_RULE - detailHeight) };
}
