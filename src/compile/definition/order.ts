// Stages in topological order: after every stage they take inputs from, otherwise in the order of the campaign's list.

export interface Ordered<T> {
  readonly order: readonly T[];
  /** Names along a circle, the first repeated at the end; absent when there is none. */
  readonly circle?: readonly string[];
}

export function topological<T extends { readonly name: string }>(
  stages: readonly T[],
  needs: (stage: T) => readonly string[],
): Ordered<T> {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const order: T[] = [];
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (stage: T): readonly string[] | undefined => {
    if (state.get(stage.name) === "done") return undefined;
    if (state.get(stage.name) === "open") return [...path.slice(path.indexOf(stage.name)), stage.name];
    state.set(stage.name, "open");
    path.push(stage.name);
    for (const name of needs(stage)) {
      const upstream = byName.get(name);
      const circle = upstream && visit(upstream);
      if (circle) return circle;
    }
    path.pop();
    state.set(stage.name, "done");
    order.push(stage);
    return undefined;
  };
  for (const stage of stages) {
    const circle = visit(stage);
    if (circle) return { order: stages, circle };
  }
  return { order };
}
