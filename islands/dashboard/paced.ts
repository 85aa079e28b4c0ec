/**
 * Runs a job when it is asked for: at once at first, then not again within the rest after it, once
 * for all who ask meanwhile.
 * @param restMs how many milliseconds from now it is to rest
 * @param frame calls back when there is something to draw on
 */
export function paced(
  job: () => void,
  restMs: () => number,
  frame: (run: () => void) => void,
): () => void {
  let state: "idle" | "due" | "resting" | "resting, and again" = "idle";
  const draw = () => {
    state = "due";
    frame(() => {
      state = "resting";
      setTimeout(() => {
        if (state === "resting, and again") draw();
        else state = "idle";
      }, restMs());
      job();
    });
  };
  return () => {
    if (state === "idle") draw();
    else if (state === "resting") state = "resting, and again";
  };
}
