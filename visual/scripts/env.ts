/** This process' environment with another home folder: tools that keep files at home keep them there. */
export function environmentAt(home: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: home, USERPROFILE: home };
}
