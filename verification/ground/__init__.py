"""What a run makes and removes: its plan and names, the account, the stage, its data, its retraining."""
