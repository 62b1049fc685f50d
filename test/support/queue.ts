/** What happened, in order, for a test to wait for. */
export interface Queue<T> {
  put(item: T): void;
  /** The next item; waits until there is one. */
  take(): Promise<T>;
  /** What has not been taken. */
  rest(): readonly T[];
}

/** An empty queue. */
export function queue<T>(): Queue<T> {
  const items: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    put: (item) => {
      const waiter = waiting.shift();
      if (waiter === undefined) items.push(item);
      else waiter(item);
    },
    take: () => {
      const [item] = items.splice(0, 1);
      return item === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(item);
    },
    rest: () => [...items],
  };
}
