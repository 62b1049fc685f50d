/** What a benchmark asks of a server in a process of its own, over IPC. */
export type Question = 'cpu' | 'memory' | 'stop';

/** What the server answers. */
export interface Reply {
  /** Milliseconds of CPU that the process has used. */
  readonly cpu: number;
  /** Bytes of resident memory, after garbage was collected where the question was `memory`. */
  readonly rss: number;
}

/** Says on which ports this process listens, and answers what a benchmark asks until it says to stop. */
export function answerQuestions(port: number, stop: () => Promise<void>, udp: number | null = null): void {
  process.on('message', (question: Question) => {
    if (question === 'stop') {
      void stop().then(() => process.exit(0));
      return;
    }
    if (question === 'memory') for (let round = 0; round < 3; round++) globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1000, rss: process.memoryUsage.rss() } satisfies Reply);
  });
  // A benchmark that died must not leave its servers behind.
  process.on('disconnect', () => process.exit(1));
  process.send?.({ port, udp });
}
