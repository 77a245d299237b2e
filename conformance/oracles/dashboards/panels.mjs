// Panels that are drawn in a plain way: tables, bars, timelines and lists of events.

const INKS = ["#54b399", "#6092c0", "#d36086", "#9170b8", "#ca8eae", "#d6bf57", "#b9a888", "#da8b45", "#aa6556", "#e7664c"];
export const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const day = (value) => new Date(value).toISOString().slice(0, 16).replace("T", " ");

const leaf = (bucket, agg) => (agg.type === "count" ? bucket.doc_count : (bucket[agg.id]?.value ?? 0));
const shown = (bucket, agg) => {
  const value = leaf(bucket, agg);
  if (agg.params.field === "@timestamp") return value ? day(value) : "-";
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(2);
};
const listed = (buckets) =>
  Array.isArray(buckets) ? buckets : Object.entries(buckets).map(([key, one]) => ({ key, ...one }));

/** Rows of nested buckets. */
function rows(answer, aggs, metrics, before = []) {
  const [first, ...rest] = aggs;
  return listed(answer[first.id]?.buckets ?? []).flatMap((bucket) => {
    const key = bucket.key === "__missing__" ? "-" : bucket.key;
    const line = [...before, key];
    return rest.length ? rows(bucket, rest, metrics, line) : [[...line, ...metrics.map((one) => shown(bucket, one))]];
  });
}

export function table(state, answer) {
  const metrics = state.aggs.filter((one) => one.schema === "metric");
  const buckets = state.aggs.filter((one) => one.schema !== "metric");
  const heads = [...buckets, ...metrics].map((one) => `<th>${escape(one.params.customLabel ?? one.params.field)}</th>`);
  const lines = rows(answer.aggregations ?? {}, buckets, metrics).slice(0, 9);
  if (!lines.length) return "<p>No results found</p>";
  const body = lines.map((line) => `<tr>${line.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`);
  return `<table><tr>${heads.join("")}</tr>${body.join("")}</table>`;
}

export function bars(state, answer, width, height) {
  const metric = state.aggs.find((one) => one.schema === "metric");
  const segment = state.aggs.find((one) => one.schema === "segment");
  const list = listed(answer.aggregations?.[segment.id]?.buckets ?? []);
  const most = Math.max(1, ...list.map((one) => leaf(one, metric)));
  const line = Math.min(22, (height - 10) / Math.max(1, list.length));
  const marks = list.map((one, index) => {
    const long = (leaf(one, metric) / most) * (width - 260);
    const y = index * line;
    return `<text x="205" y="${y + 14}" text-anchor="end">${escape(String(one.key).slice(0, 34))}</text>
      <rect x="210" y="${y + 2}" width="${long}" height="${line - 5}" fill="${INKS[0]}"/><text x="${215 + long}" y="${y + 14}">${shown(one, metric)}</text>`;
  });
  return `<svg width="${width}" height="${height}">${marks.join("")}</svg>`;
}

export function timeline(state, answer, width, height) {
  const metric = state.aggs.find((one) => one.schema === "metric");
  const [segment, group] = ["segment", "group"].map((schema) => state.aggs.find((one) => one.schema === schema));
  const list = listed(answer.aggregations?.[segment.id]?.buckets ?? []);
  const parts = list.map((bucket) => (group ? listed(bucket[group.id].buckets) : [{ ...bucket, key: "all" }]));
  const names = [...new Set(parts.flat().map((one) => String(one.key)))];
  const total = (of) => of.reduce((sum, one) => sum + leaf(one, metric), 0);
  const most = Math.max(1, ...parts.map(total));
  const [from, to] = [list[0]?.key ?? 0, list.at(-1)?.key ?? 1];
  const room = width - 330, tall = height - 40, wide = Math.max(6, Math.min(40, room / Math.max(8, list.length) - 4));
  const marks = parts.map((of, index) => {
    const x = 30 + ((list[index].key - from) / Math.max(1, to - from)) * (room - wide);
    let y = tall;
    const stack = of.map((one) => {
      const high = (leaf(one, metric) / most) * (tall - 10);
      y -= high;
      return `<rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="${INKS[names.indexOf(String(one.key)) % INKS.length]}"/>`;
    });
    return stack.join("");
  });
  const legend = names.map((name, index) => `<rect x="${width - 290}" y="${index * 19}" width="11" height="11" fill="${INKS[index % INKS.length]}"/>
    <text x="${width - 274}" y="${index * 19 + 10}">${escape(name.slice(0, 44))}</text>`);
  const ends = list.length ? `<text x="30" y="${tall + 18}">${day(from)}</text><text x="${room}" y="${tall + 18}" text-anchor="end">${day(to)}</text>` : "";
  return `<svg width="${width}" height="${height}">${marks.join("")}${legend.join("")}${ends}<line x1="30" x2="${room + 30}" y1="${tall}" y2="${tall}" stroke="#ccc"/></svg>`;
}

export function events(object, answer) {
  const at = (source, path) => path.split(".").reduce((value, key) => value?.[key], source) ?? source?.[path.split(".")[0]]?.[path.split(".").slice(1).join(".")];
  const columns = object.attributes.columns;
  const heads = ["Time", ...columns].map((name) => `<th>${escape(name)}</th>`);
  const lines = answer.hits.hits.slice(0, 8).map(({ _source: source, sort }) => {
    const cells = columns.map((path) => `<td>${escape(at(source, path) ?? "-")}</td>`);
    return `<tr><td>${day(Number(sort[0]))}</td>${cells.join("")}</tr>`;
  });
  return `<table><tr>${heads.join("")}</tr>${lines.join("")}</table>`;
}
