// A store in memory, as static/js/device/store.js is one on the device: a change that throws changes
// nothing.

export class MemoryStore {
  constructor({ person = 1, entries = [], facts = [] } = {}) {
    this.person = person;
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.known = new Map(facts.map((fact) => [fact.member, fact]));
    this.failure = null;
    this.read();
  }

  read() {
    const all = [...this.entries.values()];
    this.items = all.filter(({ person }) => person === this.person);
    this.hasOthers = this.items.length !== all.length;
    this.facts = [...this.known.values()];
  }

  async amend(change) {
    await null; // as a database answers, later
    if (this.failure) throw this.failure;
    const own = [...this.entries.values()].filter(({ person }) => person === this.person);
    const [entries, known] = [new Map(this.entries), new Map(this.known)];
    change(
      own,
      { put: (entry) => entries.set(entry.id, entry), delete: (id) => entries.delete(id) },
      { put: (fact) => known.set(fact.member, fact) },
    );
    Object.assign(this, { entries, known });
    this.read();
  }
}
