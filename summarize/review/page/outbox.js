// Sends decisions to the server, one after the other, each until the server says that it is saved.

const NO_ANSWER = "The review does not answer. Run summarize review again; this page goes on then.";

class Outbox {
  /**
   * `onsaved(sent, record)` is called with what was sent and the article as it is then, also where the
   * decision was refused; `onlost(reason)` when nothing can be saved, and with null when it can again.
   */
  constructor(name, onsaved, onlost) {
    this.name = `unsaved decisions: ${name}`;
    this.onsaved = onsaved;
    this.onlost = onlost;
    this.isSending = false;
    this.reason = null;
    this.waiting = new Map();
    this.pending = this.kept();
    addEventListener("beforeunload", (event) => this.pending.length && event.preventDefault());
  }

  /** Returns what an earlier page could not send. */
  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "[]");
    } catch {
      return [];
    }
  }

  keep() {
    document.body.classList.toggle("unsaved", this.pending.length > 0);
    try {
      if (this.pending.length) localStorage.setItem(this.name, JSON.stringify(this.pending));
      else localStorage.removeItem(this.name);
    } catch {
      // Without storage a decision lasts as long as the page.
    }
  }

  /** Adds a decision about an article. The promise has the server's answer. */
  add(number, decision) {
    const sent = { number, decision: { id: crypto.randomUUID().replaceAll("-", ""), ...decision } };
    this.pending.push(sent);
    this.keep();
    const answered = new Promise((resolve) => this.waiting.set(sent.decision.id, resolve));
    if (this.reason) this.onlost(this.reason);
    this.run();
    return answered;
  }

  async run() {
    if (this.isSending) return;
    this.isSending = true;
    while (this.pending.length) {
      const sent = this.pending[0];
      const [record, reason] = await this.post(sent);
      this.reason = reason;
      this.onlost(reason);
      if (!record) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        continue;
      }
      this.pending.shift();
      this.keep();
      this.onsaved(sent, record);
      this.waiting.get(sent.decision.id)?.(record);
      this.waiting.delete(sent.decision.id);
    }
    this.isSending = false;
  }

  /** Returns the article's record, or else why the decision is not saved. */
  async post({ number, decision }) {
    try {
      const response = await fetch(`articles/${number}/decisions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(decision),
        signal: AbortSignal.timeout(10000),
      });
      if (response.status === 200 || response.status === 422) return [await response.json(), null];
      if (response.status === 507) return [null, (await response.json()).failed];
      return [null, "This is no longer the address of the review. Run summarize review again."];
    } catch {
      return [null, NO_ANSWER];
    }
  }
}
