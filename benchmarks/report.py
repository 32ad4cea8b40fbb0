"""What compare.py measured, as tables and as a picture.

    report.py one.csv two.csv [--svg comparison.svg] [--markdown comparison.md]
"""

import argparse
import csv
import math
import sys

from contenders import features_come_last

OURS = "groupnorm"


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def is_ours(name):
    return name.startswith(OURS)


class Results:
    """The figures of one number of threads, by shape and contender."""

    def __init__(self, rows):
        self.shapes = {}
        for row in rows:
            shape = self.shapes.setdefault(
                row["name"], {"MiB": float(row["MiB"]), "copy": row["copy"],
                              "copy_us": float(row["copy_microseconds"]), "of_copy": {},
                          "us": {}})
            shape["of_copy"][row["contender"]] = float(row["of_copy"])
            shape["us"][row["contender"]] = float(row["microseconds"])

    def ours(self, name, which=OURS):
        return self.shapes[name]["of_copy"].get(which)

    def best_peer(self, name, among=lambda peer: True):
        """(figure, name) of the fastest peer on a shape."""
        peers = [(figure, peer) for peer, figure in self.shapes[name]["of_copy"].items()
                 if not is_ours(peer) and among(peer)]
        return min(peers, default=None)

    def contenders(self):
        return sorted({name for shape in self.shapes.values() for name in shape["of_copy"]})

    def lead(self, among=lambda peer: True):
        """The geometric mean of best peer over ours, and of how many shapes."""
        leads = [best[0] / self.ours(name) for name in self.shapes
                 if self.ours(name) and (best := self.best_peer(name, among))]
        return (geometric_mean(leads), len(leads)) if leads else (None, 0)

    def peers_ahead(self):
        """(shape, peer, its figure, ours), the worst first."""
        ahead = []
        for name in self.shapes:
            ours = self.ours(name)
            for peer, figure in self.shapes[name]["of_copy"].items():
                if ours and not is_ours(peer) and figure < ours:
                    ahead.append((name, peer, figure, ours))
        return sorted(ahead, key=lambda entry: entry[2] / entry[3])


def by_threads(rows):
    threads = sorted({int(row["threads"]) for row in rows})
    return {count: Results([row for row in rows if int(row["threads"]) == count])
            for count in threads}


def scaling(rows):
    """(shape, MiB, our speed-up, the copy's) from the fewest threads to the most."""
    panels = by_threads(rows)
    if len(panels) < 2:
        return []
    few, many = panels[min(panels)], panels[max(panels)]
    return [(name, shape["MiB"], shape["us"][OURS] / many.shapes[name]["us"][OURS],
             shape["copy_us"] / many.shapes[name]["copy_us"])
            for name, shape in few.shapes.items()
            if name in many.shapes and OURS in shape["us"] and OURS in many.shapes[name]["us"]]


def summarize(rows):
    """The text at the end of a comparison."""
    lines = []
    for threads, results in by_threads(rows).items():
        lines.append(f"{threads} thread(s), {len(results.shapes)} shapes, time over that of "
                     "the faster copy:")
        for name in results.contenders():
            figures = [shape["of_copy"][name] for shape in results.shapes.values()
                       if name in shape["of_copy"]]
            lines.append(f"  {name:24} geometric mean {geometric_mean(figures):7.2f}, "
                         f"from {min(figures):.2f} to {max(figures):.2f}, "
                         f"{len(figures)} shapes")
        for what, among in (("the best peer", lambda peer: True),
                            ("the best peer with features last", features_come_last),
                            ("MLX", lambda peer: peer == "MLX")):
            lead, count = results.lead(among)
            if count:
                lines.append(f"  ahead of {what}: {lead:.2f} times, {count} shapes")
        ahead = results.peers_ahead()
        lines.append("  peers ahead of us: " + ("none" if not ahead else ""))
        lines += [f"    {name}: {peer} {figure:.2f}, we {ours:.2f}"
                  for name, peer, figure, ours in ahead]
    return "\n".join(lines)


def markdown(rows):
    """A table a number of threads: us, the best peer, the best with features last."""
    lines = []
    for threads, results in by_threads(rows).items():
        lines += [f"### {threads} thread{'s' if threads > 1 else ''}", "",
                  "| shape | MiB | copy | here | interleaved | best peer | best, features last | MLX |",
                  "|---|---|---|---|---|---|---|---|"]
        for name, shape in sorted(results.shapes.items(), key=lambda item: item[1]["MiB"]):
            def show(best):
                return f"{best[0]:.2f} {best[1]}" if best else ""
            def figure(which):
                value = shape["of_copy"].get(which)
                return f"{value:.2f}" if value else ""
            lines.append("| " + " | ".join([
                name, f"{shape['MiB']:.1f}", f"{shape['copy_us']:.0f} us", figure(OURS),
                figure("groupnorm interleaved"), show(results.best_peer(name)),
                show(results.best_peer(name, features_come_last)), figure("MLX")]) + " |")
        lines += ["", "```", summarize([row for row in rows if int(row["threads"]) == threads]),
                  "```", ""]
    speedups = scaling(rows)
    if speedups:
        few, many = min(by_threads(rows)), max(by_threads(rows))
        lines += [f"### From {few} thread{'s' if few > 1 else ''} to {many}", "",
                  "How many times as fast each becomes.", "",
                  "| shape | MiB | here | the faster copy |", "|---|---|---|---|"]
        lines += [f"| {name} | {size:.1f} | {ours:.2f} | {copy:.2f} |"
                  for name, size, ours, copy in sorted(speedups, key=lambda entry: entry[1])]
        lines.append("")
    return "\n".join(lines)


def plot(rows, path):
    """One panel a number of threads: every contender on every shape."""
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "groupnorm", "svg.fonttype": "none"})
    import matplotlib.pyplot as plt
    panels = by_threads(rows)
    figure, axes = plt.subplots(len(panels), 1, squeeze=False, figsize=(11, 5.2 * len(panels)))
    for axis, (threads, results) in zip(axes[:, 0], panels.items()):
        names = sorted(results.shapes, key=lambda name: results.shapes[name]["MiB"])
        for index, contender in enumerate(filter(lambda c: not is_ours(c),
                                                 results.contenders())):
            places = [i for i, name in enumerate(names)
                      if contender in results.shapes[name]["of_copy"]]
            axis.plot(places, [results.shapes[names[i]]["of_copy"][contender] for i in places],
                      "ovs^Dp*hXP<>"[index % 12], markersize=4, alpha=0.6, label=contender)
        places = [i for i, name in enumerate(names) if results.ours(name)]
        axis.plot(places, [results.ours(names[i]) for i in places], "k-o", markersize=5,
                  label="this project")
        axis.axhline(1, color="gray", linewidth=0.8)
        axis.set_yscale("log")
        axis.set_ylabel("time / time of a copy")
        axis.set_title(f"{threads} thread{'s' if threads > 1 else ''}; 1 is the faster of "
                       "memcpy and a streaming copy of x")
        axis.set_xticks(range(len(names)))
        axis.set_xticklabels([f"{name} ({results.shapes[name]['MiB']:.1f} MiB)"
                              for name in names], rotation=60, ha="right", fontsize=6)
        axis.legend(fontsize=7, ncol=4, loc="upper right")
        axis.grid(axis="y", which="both", alpha=0.2)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", nargs="+")
    parser.add_argument("--svg", help="write the picture (.svg or .png)")
    parser.add_argument("--markdown", help="write the tables; - is the standard output")
    options = parser.parse_args()
    rows = []
    for path in options.csv:
        with open(path, newline="") as file:
            rows += csv.DictReader(file)
    if not rows:
        sys.exit("report.py: error: the files hold no figures")
    if options.svg:
        plot(rows, options.svg)
    if options.markdown and options.markdown != "-":
        with open(options.markdown, "w") as file:
            file.write(markdown(rows))
    print(markdown(rows) if options.markdown == "-" else summarize(rows))


if __name__ == "__main__":
    main()
