"""
A small crystal graph network
=============================

The crystal graph convolutional network (CGCNN) of Xie & Grossman, Phys. Rev. Lett. 120 (2018) 145301, on
graphs that skcrystal makes and PyTorch Geometric learns from, beside the mean and beside boosted trees on the
default preset. It needs PyTorch Geometric, ``pip install torch torch_geometric``; where that is absent it
says so and ends, and this page shows the program alone.
"""

# %%
# What may be changed
# -------------------

# Passes over the training crystals.
N_EPOCHS = 60

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# Trees to compare with.
N_TREES = 300

# %%
# Graphs
# ------
# Twelve neighbours within 8 Å, as in the paper, whole shells. Batches of ``CrystalGraphs`` are indexed as
# crystals are, so that the split is scikit-learn's; no formula is in both parts.

try:
    import torch
    from torch_geometric.loader import DataLoader
    from torch_geometric.nn import CGConv, global_mean_pool
except ImportError:
    raise SystemExit(
        "this program needs PyTorch Geometric: pip install torch torch_geometric"
    ) from None

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from skcrystal.datasets import load_experimental
from skcrystal.graphs import crystal_graphs

data = load_experimental()
X, y = data.data[::EVERY], data.target[::EVERY]
graphs = crystal_graphs(X, cutoff=8.0, max_neighbors=12)
print(graphs)

formulas = [crystal.formula for crystal in X]
train, test = next(
    GroupShuffleSplit(1, test_size=0.25, random_state=0).split(X, groups=formulas)
)
torch.manual_seed(0)
torch.set_num_threads(1)
learn = DataLoader(graphs[train].to_pyg(y=y[train]), batch_size=32, shuffle=True)
judge = DataLoader(graphs[test].to_pyg(y=y[test]), batch_size=len(test))

# %%
# The network
# -----------
# Each element begins as a vector that is learnt, each distance as forty Gaussians. In each convolution a site
# adds up what its neighbours tell it, through a gate that the distance opens or closes.


class CrystalGraphNetwork(torch.nn.Module):
    def __init__(self, width=64, n_gaussians=40, cutoff=8.0, n_convolutions=3):
        super().__init__()
        self.centres = torch.linspace(0, cutoff, n_gaussians)
        self.width = cutoff / n_gaussians
        self.elements = torch.nn.Embedding(119, width)
        self.convolutions = torch.nn.ModuleList(
            CGConv(width, dim=n_gaussians, batch_norm=True)
            for _ in range(n_convolutions)
        )
        self.head = torch.nn.Sequential(
            torch.nn.Linear(width, 64), torch.nn.Softplus(), torch.nn.Linear(64, 1)
        )

    def forward(self, batch):
        distances = batch.edge_attr[:, :1]
        edges = torch.exp(-(((distances - self.centres) / self.width) ** 2))
        sites = self.elements(batch.z)
        for convolution in self.convolutions:
            sites = convolution(sites, batch.edge_index, edges)
        return self.head(global_mean_pool(sites, batch.batch))[:, 0]


# %%
# Training
# --------
# The target is scaled by what the training crystals show.

mean, spread = float(y[train].mean()), float(y[train].std())
network = CrystalGraphNetwork()
optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr=5e-3, total_steps=N_EPOCHS * len(learn)
)
errors = []
for _ in range(N_EPOCHS):
    network.train()
    for batch in learn:
        optimizer.zero_grad()
        loss = torch.nn.functional.l1_loss(network(batch), (batch.y - mean) / spread)
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        predicted = network(next(iter(judge))).numpy() * spread + mean
    errors.append(np.abs(predicted - y[test]).mean())

# %%
# Beside it
# ---------
# On a few hundred crystals a network has little to learn from, and it knows nothing of chemistry to begin
# with: columns that say it win. The more crystals there are, the more a network makes of them.

from sklearn.pipeline import make_pipeline
from xgboost import XGBRegressor

from skcrystal import CrystalFeaturizer

trees = make_pipeline(
    CrystalFeaturizer(), XGBRegressor(n_estimators=N_TREES, learning_rate=0.05)
)
by_trees = np.abs(trees.fit(X[train], y[train]).predict(X[test]) - y[test]).mean()
by_mean = np.abs(y[test] - mean).mean()
print(
    f"mean absolute error (eV): mean {by_mean:.2f}, network {errors[-1]:.2f}, trees {by_trees:.2f}"
)

# %%

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.plot(np.arange(1, N_EPOCHS + 1), errors, color="#0072B2", label="network")
ax.axhline(by_trees, color="#E69F00", label="default preset and trees")
ax.axhline(by_mean, color="#888888", linestyle="--", label="mean")
ax.set(
    xlabel="passes over the training crystals",
    ylabel="mean absolute error (eV)",
    ylim=(0, None),
)
ax.legend(frameon=False)
plt.show()
