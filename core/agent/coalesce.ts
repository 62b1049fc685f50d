/** Calls at most once in each span of milliseconds, at once where it can: a burst becomes one call at its start and one at its end. */
export function coalesce(span: number, call: () => void): { (): void; stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  let again = false;

  function fire(): void {
    again = false;
    call();
    timer = setTimeout(() => {
      timer = null;
      if (again) fire();
    }, span);
    timer.unref();
  }

  const ask = () => {
    if (timer === null) fire();
    else again = true;
  };
  return Object.assign(ask, {
    stop: () => {
      again = false;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  });
}
