/** Gives an object a property that is made when it is first asked for. */
export const defer = <T extends object, K extends keyof T>(owner: T, key: K, make: () => T[K]): void => {
  const settings = { enumerable: true, configurable: true };
  Object.defineProperty(owner, key, {
    ...settings,
    get: () => {
      const value = make();
      Object.defineProperty(owner, key, { ...settings, value, writable: true });
      return value;
    },
  });
};
