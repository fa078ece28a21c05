// The tools of the operations map.
export const TOOLS = ['browse', 'nearest', 'around', 'coverage', 'reach', 'closures'] as const
export type Tool = (typeof TOOLS)[number]
