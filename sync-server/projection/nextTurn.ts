/** Lets whoever else waits for the event loop have its turn: long reads of the projection are made in parts. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
