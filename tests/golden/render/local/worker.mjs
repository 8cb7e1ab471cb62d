// worker.mjs stands here
