// A timer that can be taken back, and that keeps no process alive. Tests hand in one of their own.

/** Runs `act` once after `ms`; answers what takes it back. */
export type Later = (ms: number, act: () => void) => () => void;

export const later: Later = (ms, act) => {
  const timer = setTimeout(act, ms).unref();
  return () => {
    clearTimeout(timer);
  };
};
